/**
 * Health, readiness and metrics routes, problem bodies, bind policy and the guard for outbound
 * URLs.
 */
@NullMarked
package dev.tocsin.common.http;

import org.jspecify.annotations.NullMarked;
