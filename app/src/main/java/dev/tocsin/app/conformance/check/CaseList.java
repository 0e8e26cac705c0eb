package dev.tocsin.app.conformance.check;

import java.util.ArrayList;
import java.util.List;

/** Collects the cases of an area, one for each lane they are tried on. */
public final class CaseList {
  private final List<ConformanceCase> cases = new ArrayList<>();
  private String section = "";
  private List<SignalLane> lanes = List.of();
  private boolean large;

  /**
   * What the following cases have in common.
   *
   * @param specification where the specification says so
   */
  public CaseList on(List<SignalLane> these, String specification) {
    lanes = these;
    section = specification;
    large = false;
    return this;
  }

  /** The same for cases that send as much as the size limit, or wait long. */
  public CaseList onLarge(List<SignalLane> these, String specification) {
    CaseList unused = on(these, specification);
    large = true;
    return this;
  }

  public CaseList must(String item, String name, String title, Check check) {
    return add(item, name, Level.MUST, title, check);
  }

  public CaseList should(String item, String name, String title, Check check) {
    return add(item, name, Level.SHOULD, title, check);
  }

  public CaseList expected(String item, String name, String title, Check check) {
    return add(item, name, Level.EXPECTED, title, check);
  }

  private CaseList add(String item, String name, Level level, String title, Check check) {
    for (SignalLane lane : lanes) {
      cases.add(new ConformanceCase(item, name, level, lane, title, section, large, check));
    }
    return this;
  }

  public List<ConformanceCase> toList() {
    return List.copyOf(cases);
  }
}
