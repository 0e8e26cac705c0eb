/** How results are told: on the terminal, as JSON, as JUnit XML, and the list of cases. */
@NullMarked
package dev.tocsin.app.conformance.report;

import org.jspecify.annotations.NullMarked;
