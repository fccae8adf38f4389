# class: resources
# against: data stdio
# Never finishes loading.
while True: pass
