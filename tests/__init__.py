"""The tests of bpdoctor; `pytest` runs them."""
