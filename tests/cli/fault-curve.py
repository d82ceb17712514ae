from blesec_test.attack import central_is_refused, peripheral_is_refused

for name in "koblitz", "p521", "edwards":
    central_is_refused(name, 43, key="central")
    peripheral_is_refused(name, 43, key="peripheral")
