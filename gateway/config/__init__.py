"""`gateway.yaml`: listeners, upstreams, programs. Read once, at start; whatever is wrong is told with its place."""

from gateway.config.load import Config, Route, WebhookConfig
from gateway.config.model import Listener, UpstreamWritten

__all__ = ["Config", "Listener", "Route", "UpstreamWritten", "WebhookConfig"]
