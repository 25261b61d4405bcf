# tries: to be loaded by the next interpreter
# base: none
# must: 0
code = "import os; open('{OUTSIDE}/customized', 'w').close()"
for name in ("sitecustomize.py", "usercustomize.py", "numpy.py", "json.py", "bpdoctor.py", "evil.pth"):
    for place in (".", "..", "../..", "/tmp", "{OUTSIDE}"):
        try:
            with open(f"{place}/{name}", "w") as stream:
                stream.write(code)
        except OSError:
            pass
