"""What every test may ask for."""

from hypothesis import settings

pytest_plugins = ["tests.kit.engines", "tests.kit.keeping", "tests.kit.system", "tests.kit.browser"]

# A deadline for one example would measure who else uses the machine.
settings.register_profile("inkstream", deadline=None)
settings.load_profile("inkstream")
