# tries: to run for ever before anything is defined
# base: none
# must: 0
while True:
    pass
