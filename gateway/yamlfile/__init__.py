"""YAML that remembers line and column, and what is wrong there, said to people."""

from gateway.yamlfile.document import BadFile, Document, Problem, Way
from gateway.yamlfile.parsed import parsed
from gateway.yamlfile.written import Spelled, Unspoken, Written, listed, spelled

__all__ = ["BadFile", "Document", "Problem", "Spelled", "Unspoken", "Way", "Written", "listed", "parsed", "spelled"]
