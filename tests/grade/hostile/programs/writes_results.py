# tries: to write its own results
# base: none
# must: 0
import glob
import json
import os

told = json.dumps({"score": 100, "tests": [{"score": 100, "max_score": 100}]})
places = ["results.json", "../results.json", "../../results.json", "/autograder/results/results.json", "grades.json"]
for place in [*places, *glob.glob("/tmp/*/grades.*"), "{OUTSIDE}/results.json", "{OUTSIDE}/grades.sqlite"]:
    try:
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        with open(place, "w") as stream:
            stream.write(told)
    except OSError:
        pass
