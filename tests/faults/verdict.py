"""What a scene thinks of a run in which a system call failed."""

import dataclasses

# what the C library does before main: it ends the program where these fail
STARTUP = {"arch_prctl", "set_tid_address", "mprotect", "execve"}

# what can be wrong, as columns of the report
FALSE_SUCCESS, LOST, UNSAID, OTHER = "false successes", "generations lost", "not said", "else wrong"
KINDS = (FALSE_SUCCESS, LOST, UNSAID, OTHER)


class Wrong(Exception):
    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


@dataclasses.dataclass
class Verdict:
    status: int         # of the run
    kind: str = ""      # one of KINDS; "": nothing is wrong
    text: str = ""
