package dev.tocsin.alert.ports;

import dev.tocsin.promql.series.Labels;

/** One value of a series that evaluation makes; the stale marker ends the series. */
public record GaugeSample(Labels labels, long timeMs, double value) {}
