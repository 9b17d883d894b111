"""`gateway.yaml`: listeners, upstreams, programs. Read once, at start; whatever is wrong is told with its place."""

from gateway.config.load import Config, DrillConfig, Route, WebhookConfig
from gateway.config.model import Listener, UpstreamWritten

__all__ = ["Config", "DrillConfig", "Listener", "Route", "UpstreamWritten", "WebhookConfig"]
