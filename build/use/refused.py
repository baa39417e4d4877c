"""What the other scripts say of errors."""
import os


def refused(error, text, call, *args, **named):
    """A call raises this, and leaves nothing behind."""
    before = sorted(os.listdir("."))
    try:
        result = call(*args, **named)
    except Exception as got:
        assert type(got) is error and text in str(got), (error, text, got)
    else:
        raise SystemExit(f"no error, but {result!r}, must be {text!r}")
    assert sorted(os.listdir(".")) == before, os.listdir(".")
