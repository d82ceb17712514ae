from blesec_test.attack import central_is_refused, peripheral_is_refused

central_is_refused("central", 51, key="insider")
peripheral_is_refused("peripheral", 51, key="insider",
                      end=(5, "protocol error"))
