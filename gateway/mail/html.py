"""What a person would read in an HTML part."""

from __future__ import annotations

import re
from copy import deepcopy

from inscriptis import Inscriptis
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from gateway.mail.model import BadMail, Tail

# Elements in which mail programs wrap what a reply quotes, and whose signature it is. Where the quotation isn't
# wrapped but follows to the end, the element that begins it takes its later neighbours along.
_QUOTES = (
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote ') or contains(@class, 'gmail_quote_container')"
    " or contains(@class, 'yahoo_quoted') or contains(@class, 'moz-cite-prefix')"
    " or contains(@class, 'protonmail_quote') or contains(@class, 'zmail_extra')]"
    " | //blockquote[@type='cite']"
)
_QUOTES_TO_END = "//*[@id='divRplyFwdMsg' or @id='appendonsend' or @id='x_divRplyFwdMsg' or @id='OLK_SRC_BODY_SECTION']"
_SIGNATURES = "//*[contains(@class, 'gmail_signature') or contains(@class, 'moz-signature') or @id='Signature']"
_UNSEEN = "//script | //style | //head | //title | //noscript | //template | //comment() | //*[@hidden]"
_HIDDEN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden|(?:font-size|max-height)\s*:\s*0(?![.\d])"
)
_TAGS = (
    "html|head|body|title|style|script|meta|link|div|span|p|br|hr|b|i|u|em|strong|font|center|a|img|table|tbody|thead|"
    "tr|td|th|ul|ol|li|h[1-6]|blockquote|pre|code|small|big|sup|sub|o:p|input|form|button|label|section|article|"
    "header|footer|nav|iframe|object|svg|address|tfoot|col|colgroup|tt|dl|dt|dd|s|strike|del|ins|abbr|base|area|map|wbr"
)
_TAG = re.compile(rf"<(?:!--[^>]*-->|!doctype[^>]{{0,200}}>|/?(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?\s*>)", re.IGNORECASE)
_BLOCK_TAG = re.compile(
    r"</?(?:html|body|div|p|br|table|tr|td|ul|li|span|font|head|a)(?:\s[^<>]{0,2000})?/?>|<!doctype", re.IGNORECASE
)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_CONFIG = ParserConfig(css=STRICT_CSS_PROFILE, display_links=False, display_images=False)
_BULLET = re.compile(r"^\s*\* ", re.MULTILINE)


def is_html(text: str) -> bool:
    """Whether what calls itself plain text is HTML after all."""
    return _BLOCK_TAG.search(text) is not None


def without_tags(text: str) -> str:
    """The text without HTML that was escaped or torn, and so stood in it as text."""
    return _TAG.sub(" ", text)


def html_text(source: str, cut: frozenset[Tail]) -> str:
    """The text, without what isn't shown, and without quotations and signatures that are marked as such.

    Raises BadMail where it can't be read.
    """
    if not source.strip():
        return ""
    try:
        tree = document_fromstring(_DECLARATION.sub("", source), parser=HTMLParser(encoding=None, huge_tree=False))
        shown = Inscriptis(_pruned(tree, cut), _CONFIG).get_text()
    except LxmlError as error:
        raise _unreadable(error) from error
    except (ValueError, AssertionError, RecursionError, LookupError, AttributeError) as error:
        raise _unreadable(error) from error
    return _BULLET.sub("- ", shown)


def _pruned(tree: HtmlElement, cut: frozenset[Tail]) -> HtmlElement:
    _drop(tree, _UNSEEN)
    for element in tree.xpath("//*[@style]"):
        if _HIDDEN.search(element.get("style").lower()):
            _remove(element)
    if Tail.SIGNATURE in cut:
        _drop(tree, _SIGNATURES)
    return _without_quotes(tree) if Tail.QUOTE in cut else tree


def _without_quotes(tree: HtmlElement) -> HtmlElement:
    """The tree as it is where nothing would be left: a forwarded mail is all quotation."""
    rest = deepcopy(tree)
    _drop_to_end(rest)
    _drop(rest, _QUOTES)
    return rest if rest.text_content().strip() else tree


def _drop(tree: HtmlElement, path: str) -> None:
    for element in tree.xpath(path):
        _remove(element)


def _drop_to_end(tree: HtmlElement) -> None:
    for element in tree.xpath(_QUOTES_TO_END):
        for later in list(element.itersiblings()):
            _remove(later)
        element.tail = None
        _remove(element)


def _remove(element: HtmlElement) -> None:
    """The element, not the text that follows it; the root stays."""
    if element.getparent() is not None:
        element.drop_tree()


def _unreadable(error: Exception) -> BadMail:
    return BadMail(f"the mail's HTML can't be read ({type(error).__name__}); send it as plain text", "5.6.5")
