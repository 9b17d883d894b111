"""Actions of Amazon's APIs by their names, which are all that tells what a request does."""

from __future__ import annotations

import re

# Verbs of SNS (2010-03-31) and of End User Messaging (PinpointSMSVoiceV2, 2022-03-31) that look up or set up.
_PASSES = re.compile(
    r"(?:Add|Associate|CarrierLookup|Check|Confirm|Create|Delete|Describe|Disassociate|Discard|Get|List|OptIn|Put"
    r"|Release|Remove|Request|Set|Submit|Tag|Unsubscribe|Untag|Update|Verify)[A-Za-z]*"
)


def passes(action: str) -> bool:
    """Whether it sends nothing, whatever is in it."""
    return bool(_PASSES.fullmatch(action))
