/** Rules and alerts as Prometheus's HTTP API shows them. */
@NullMarked
package dev.tocsin.alert.http;

import org.jspecify.annotations.NullMarked;
