"""A language model's server on loopback, for tests: three wire formats and every fault of them."""

from tests.llm_server.said import Said, Wire
from tests.llm_server.server import Answer, LlmServer, Logged
from tests.llm_server.troubles import Trouble

__all__ = ["Answer", "LlmServer", "Logged", "Said", "Trouble", "Wire"]
