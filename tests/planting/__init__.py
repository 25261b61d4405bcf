"""The yardstick: healthy networks, faults planted in them by construction, and a harness that scores `bpdoctor`."""
