/** Real backends shared by test classes, contract kits, fixtures and sinks; test scope only. */
@NullMarked
package dev.tocsin.testkit;

import org.jspecify.annotations.NullMarked;
