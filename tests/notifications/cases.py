"""Every letter to every role it goes to, and the sets of facts that they are tried with."""

from notifications.gallery import roles
from notifications.letters import letters
from notifications.trials import PERSONAL, SETS_OF_LINKS, every_set, full, marked

ALL = [(name, role) for name in sorted(letters()) for role in roles(name)]
__all__ = ["ALL", "PERSONAL", "SETS_OF_LINKS", "every_set", "full", "marked"]
