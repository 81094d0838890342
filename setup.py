"""Build outside of the tree; what the package is, setup.cfg says.

setuptools would leave its work in `build/` and take it up again, with modules that are deleted by
then.
"""

from tempfile import TemporaryDirectory

from setuptools import setup
from setuptools.command.build import build


class BuildAnew(build):
    """Build in a folder that goes with the process."""

    def initialize_options(self) -> None:
        """Set where to build."""
        super().initialize_options()
        self._folder = TemporaryDirectory(prefix="cleaner-build-")
        self.build_base = self._folder.name


setup(cmdclass={"build": BuildAnew})
