"""YAML that remembers line and column, and what is wrong there, said to people."""

from gateway.yamlfile.document import BadFile, Document, Problem
from gateway.yamlfile.parsed import parsed
from gateway.yamlfile.written import Unspoken, Written, listed, spelled

__all__ = ["BadFile", "Document", "Problem", "Unspoken", "Written", "listed", "parsed", "spelled"]
