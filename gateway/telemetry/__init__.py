"""What is told of the running gateway: metrics, and logs that hold no number and no text."""

from gateway.telemetry.events import log, log_to
from gateway.telemetry.meter import Meter

__all__ = ["Meter", "log", "log_to"]
