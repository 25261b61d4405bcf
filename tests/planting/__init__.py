"""The yardstick: healthy networks, faults planted in them by construction, a harness that scores bpdoctor."""
