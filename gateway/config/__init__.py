"""`gateway.yaml`: listeners, upstreams, programs. Read once, at start; whatever is wrong is told with its place."""

from gateway.config.load import Config, DrillConfig, Route, WebhookConfig
from gateway.config.mailing import MailConfig, MailSender
from gateway.config.model import UpstreamWritten
from gateway.config.terms import Listener

__all__ = ["Config", "DrillConfig", "Listener", "MailConfig", "MailSender", "Route", "UpstreamWritten", "WebhookConfig"]
