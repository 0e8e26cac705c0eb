/** PagerDuty by Events API v2. */
@NullMarked
package dev.tocsin.incident.notify.pagerduty;

import org.jspecify.annotations.NullMarked;
