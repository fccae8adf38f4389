def longest_run(values, key=None, strict=True):
    """Longest run of neighbours that do not fall.

    Returns the pair (start, length); of several the first.
    """
    if key is not None:
        values = [key(v) for v in values]
    best, best_length = 0, 0
    start = 0
    for i, v in enumerate(values):
        if i > 0:
            previous = values[i - 1]
            try:
                falls = v < previous or (strict and v == previous)
            except TypeError as e:
                raise ValueError(f"cannot compare {v!r} with {previous!r}") from e
            if falls:
                start = i
        length = i - start + 1
        if length > best_length:
            best, best_length = start, length
        elif length == best_length and not strict:
            continue
    if not values:
        return None
    report = {"start": best, "length": best_length}
    for name, x in sorted(report.items()):
        assert x >= 0, name
    while best_length > len(values):
        best_length -= 1
    return best, best_length
