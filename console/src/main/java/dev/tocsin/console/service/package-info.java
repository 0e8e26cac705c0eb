/**
 * Front door of the suite, the status page and the way to the services' APIs: its configuration,
 * its main and how all parts are put together.
 */
@NullMarked
package dev.tocsin.console.service;

import org.jspecify.annotations.NullMarked;
