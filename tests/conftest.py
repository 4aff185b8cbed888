"""What every test may ask for."""

pytest_plugins = ["tests.kit.engines", "tests.kit.system", "tests.kit.browser"]
