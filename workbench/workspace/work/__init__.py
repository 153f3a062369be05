"""What worker processes do: pure functions over files of arrays, each taking a payload and a ``Report``."""
