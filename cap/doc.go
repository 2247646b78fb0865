package cap
