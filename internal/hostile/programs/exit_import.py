# class: leaving
# against: data split stdio
# Leaves while the judge waits for it to load.
raise SystemExit(0)
