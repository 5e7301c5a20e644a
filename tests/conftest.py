"""What holds for every test."""

from hypothesis import HealthCheck, settings

# The same examples every time, and no clock: a busy machine must not decide what passes.
settings.register_profile(
    "imyarek", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("imyarek")
