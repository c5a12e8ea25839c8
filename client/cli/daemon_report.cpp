// SPDX-License-Identifier: Apache-2.0
#include "client/cli/daemon_report.hpp"

#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/report.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {

Json daemon_json(const v1::StatusReply& status) {
  Json json;
  json["pid"] = status.pid();
  put_text(json, "version", printable(status.version()));
  put_text(json, "protocol", printable(status.protocol()));
  put_text(json, "socket", printable(status.socket(), 1000));
  put_text(json, "config_dir", printable(status.config_dir(), 1000));
  put_text(json, "state_dir", printable(status.state_dir(), 1000));
  put_text(json, "data_dir", printable(status.data_dir(), 1000));
  put_text(json, "base_url", printable(status.base_url(), 1000));
  put_text(json, "started_at", printable(status.started_at()));
  if (status.ending()) json["ending"] = true;
  json["operations"] = Json::array();
  for (const v1::Operation& operation : status.operations()) {
    Json one;
    put_text(one, "id", printable(operation.id()));
    put_text(one, "kind", printable(operation.kind()));
    one["scope"] = scope_text(operation.scope());
    put_text(one, "step", printable(operation.step()));
    put_text(one, "started_at", printable(operation.started_at()));
    if (operation.has_client()) {
      one["client"]["pid"] = operation.client().pid();
      put_text(one["client"], "command", printable(operation.client().command()));
    }
    json["operations"].push_back(std::move(one));
  }
  return json;
}

std::string operation_text(const v1::Operation& operation, Moment now) {
  std::string line = printable(operation.kind()) + " " + scope_text(operation.scope()) + ", at " +
                     printable(operation.step()) + ", " + time_ago(parse_moment(operation.started_at()), now);
  if (operation.client().pid() != 0) {
    line += ", for " + printable(operation.client().command()) + "[" + std::to_string(operation.client().pid()) + "]";
  }
  return line;
}

std::string daemon_text(const v1::StatusReply& status, Moment now) {
  Report report;
  report.add("pid", std::to_string(status.pid()));
  report.add("version", printable(status.version()));
  report.add("protocol", printable(status.protocol()));
  report.add("socket", printable(status.socket(), 1000));
  report.add("config", printable(status.config_dir(), 1000));
  report.add("state", printable(status.state_dir(), 1000));
  report.add("data", printable(status.data_dir(), 1000));
  if (!status.base_url_is_default()) report.add("API", printable(status.base_url(), 1000));
  report.add("started", time_ago(parse_moment(status.started_at()), now));
  if (status.ending()) report.add("ending", "yes, once what runs has come to a safe point");
  for (const v1::Operation& operation : status.operations()) report.add("running", operation_text(operation, now));
  return report.text();
}

}  // namespace jackin::client
