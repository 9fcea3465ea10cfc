"""A slice of `make tamper`: each kind of tampered image is refused with a reason.

timeout: 300
"""

import tamper

EVERY = 17


def test_no_tampered_image_is_accepted(tmp_path):
    counts, wrong = tamper.run_all(tmp_path, EVERY)
    assert not wrong, "\n".join(wrong)
    assert sum(counts.values()) * EVERY > 2000 and len(counts) >= 9, counts
