package catalog

// Simulation is what the simulated cloud knows of a type. What it computes, requires and refuses by code is in internal/sim.
type Simulation struct {
	// Taken is the service's code where the id of a new resource exists already.
	Taken string
}
