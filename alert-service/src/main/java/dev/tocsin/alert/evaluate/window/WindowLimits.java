package dev.tocsin.alert.evaluate.window;

/**
 * What bounds a window.
 *
 * @param seriesMax new series beyond it are refused
 * @param samplesMax samples in all; beyond it new ones are refused
 * @param labelsMax characters of all series' labels; beyond it new series are refused
 * @param resolutionMs samples of delta series closer together become one
 * @param lookbackMs how long a value stands without a newer one, as the engine has it
 * @param futureMs samples further ahead of the clock are refused
 */
public record WindowLimits(
    int seriesMax,
    long samplesMax,
    long labelsMax,
    long resolutionMs,
    long lookbackMs,
    long futureMs) {}
