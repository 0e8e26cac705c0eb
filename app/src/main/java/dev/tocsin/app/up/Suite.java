package dev.tocsin.app.up;

import dev.tocsin.alert.service.AlertConfig;
import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.console.service.ConsoleConfig;
import dev.tocsin.console.service.ConsoleService;
import dev.tocsin.incident.service.IncidentConfig;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.ingest.service.IngestService;
import dev.tocsin.storage.service.StorageConfig;
import dev.tocsin.storage.service.StorageService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every service of the suite: the one place that lists them.
 *
 * @param readers what others wait for: they start first, side by side
 * @param doors where requests come in: they start when everything behind them works
 */
record Suite(List<Service> readers, List<Service> doors) {

  /**
   * Builds the services from one configuration; no I/O.
   *
   * @param contexts gives each service its context, by name
   */
  static Suite create(Settings settings, Function<String, ServiceContext> contexts) {
    return new Suite(
        List.of(
            StorageService.create(StorageConfig.from(settings), contexts.apply("storage-service")),
            AlertService.create(AlertConfig.from(settings), contexts.apply("alert-service")),
            IncidentService.create(
                IncidentConfig.from(settings), contexts.apply("incident-service"))),
        List.of(
            ConsoleService.create(ConsoleConfig.from(settings), contexts.apply("console")),
            IngestService.create(IngestConfig.from(settings), contexts.apply("ingest-service"))));
  }

  /**
   * Reads every service's configuration, rule files and destinations too, so that problems show
   * before anything starts.
   */
  static void declare(Settings settings) {
    IngestConfig.from(settings);
    StorageConfig.from(settings);
    AlertConfig.checked(settings);
    IncidentConfig.checked(settings);
    ConsoleConfig.from(settings);
  }

  Component component() {
    return new ComponentGroup(
        "services", List.of(new Together("readers", readers), new Together("doors", doors)));
  }

  /** The addresses of all services, in the order they are shown. */
  Map<String, String> endpoints() {
    Map<String, String> all = new LinkedHashMap<>();
    Stream.concat(doors.stream(), readers.stream())
        .forEach(service -> all.putAll(new TreeMap<>(service.endpoints())));
    return all;
  }
}
