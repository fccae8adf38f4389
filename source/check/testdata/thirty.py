import collections


def merge_intervals(intervals, gap=0):
    """Merge intervals that overlap or lie closer than gap."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start - merged[-1][1] <= gap:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [tuple(pair) for pair in merged]


def most_common_words(text, n=10, stop=frozenset()):
    counts = collections.Counter()
    for line in text.splitlines():
        for word in line.lower().split():
            word = word.strip(".,;:!?\"'()")
            if not word or word in stop:
                continue
            counts[word] += 1
    result = []
    for word, count in counts.most_common():
        if len(result) == n:
            break
        result.append((word, count))
    if not result:
        raise ValueError("no words in a text of %d characters" % len(text))
    return result
