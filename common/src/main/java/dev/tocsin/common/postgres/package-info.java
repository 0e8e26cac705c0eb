/** The connection pool with back-off and the append-only migrations. */
@NullMarked
package dev.tocsin.common.postgres;

import org.jspecify.annotations.NullMarked;
