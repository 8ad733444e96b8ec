"""Every limit of the grader, in one place; printed by `autograder doctor`."""

from dataclasses import asdict, dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Clocks in seconds, sizes in bytes. The trusted side holds all clocks."""

    start_seconds: float = 30.0  # fork, lock in, say ready
    cell_seconds: float = 6.0  # one cell of the student's
    step_seconds: float = 3.0  # one call, forward or backward pass asked for by a test
    retry_seconds: float = 1.0  # the same for a name that has already run out of time
    train_seconds: float = 120.0  # a step of a test tagged `trains`, on a machine that may be busy
    total_seconds: float = 180.0  # a whole submission but its tests tagged `trains`
    train_total_seconds: float = 300.0  # those together, after all others
    processor_seconds: int = 200  # of one student process, over all its threads
    train_processor_seconds: int = 300  # the same where it trains
    memory: int = 1024 * MIB  # above what the warm process has
    address_space: int = 16 * 1024 * MIB  # the same; 0: none. Page tables are in no other limit
    threads: int = 64  # looked at by the keeper, `look_seconds` apart
    look_seconds: float = 0.05
    file_size: int = 16 * MIB
    temp_folder: int = 64 * MIB  # where it can be a memory file system of its own
    open_files: int = 64
    submission_file: int = 16 * MIB
    cell_text: int = 80_000  # characters of one cell; its message has to fit into a header
    header: int = 1 * MIB  # of one message on the wire
    payload: int = 64 * MIB  # all tensors of one message

    @property
    def longest(self) -> float:
        """Seconds that one submission may take."""
        return self.total_seconds + self.train_total_seconds

    def to_dict(self) -> dict:
        return asdict(self)
