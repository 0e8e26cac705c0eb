/**
 * TOML configuration with environment overrides, read into immutable records; all problems named at
 * once.
 */
@NullMarked
package dev.tocsin.common.config;

import org.jspecify.annotations.NullMarked;
