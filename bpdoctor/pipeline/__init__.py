"""The order of work: load, observe, identify, measure, diagnose, fix. The only place that knows it."""

from bpdoctor.pipeline.check import check_path
from bpdoctor.pipeline.child import preload
from bpdoctor.pipeline.mending import Mended, mend_path
from bpdoctor.pipeline.options import Options

__all__ = ["Mended", "Options", "check_path", "mend_path", "preload"]
