#include "client/cli/setup_request.hpp"

#include <string_view>
#include <utility>

#include "client/view/wire.hpp"

namespace jackin::client {
namespace {

namespace fs = std::filesystem;

std::string absolute(std::string_view path, const fs::path& folder) {
  if (path.empty() || path.starts_with('/') || path.starts_with('~')) return std::string(path);
  return (folder / path).lexically_normal().string();
}

Result<> check(const SetupArguments& arguments) {
  const auto refuse = [](std::string message) { return failure(Reason::invalid_argument, std::move(message)); };
  if (!arguments.vault.empty() && !arguments.store.empty() && arguments.store != "op") {
    return refuse("--vault is 1Password's, it does not go with --store " + arguments.store);
  }
  const bool has_place = !arguments.store.empty() || !arguments.vault.empty() || !arguments.item_name.empty() ||
                         !arguments.field.empty() || !arguments.section.empty();
  if (arguments.plain && has_place) return refuse("--plain keeps the token in the configuration, not in a store");
  if (!arguments.reuse.empty() && (has_place || arguments.plain)) {
    return refuse("--reuse adopts a token where it is, it does not go with another place");
  }
  if (arguments.reuse.starts_with("sk-ant-")) {
    return refuse("--reuse takes a reference; a token on the command line is seen by everybody on this machine");
  }
  if (!arguments.workdir.empty() && !arguments.create) return refuse("--workdir needs --create");
  if (arguments.create && arguments.scope.global)
    return refuse("--create makes a workspace's file, not the global one");
  return {};
}

}  // namespace

Result<v1::SetupRequest> setup_request(const SetupArguments& arguments, const Environment& environment,
                                       const fs::path& folder) {
  TRY(const Scope scope, scope_of(arguments.scope));
  TRY(check(arguments));
  v1::SetupRequest request;
  *request.mutable_scope() = to_wire(scope);
  *request.mutable_environment() = to_wire(environment);
  v1::StorePlace& place = *request.mutable_place();
  place.set_store(arguments.vault.empty() ? arguments.store : "op");
  place.set_vault(arguments.vault);
  place.set_item_name(arguments.item_name);
  place.set_field(arguments.field);
  place.set_section(arguments.section);
  place.set_op_account(arguments.op_account);
  constexpr std::string_view file = "file:";
  request.set_reuse(arguments.reuse.starts_with(file)
                        ? std::string(file) + absolute(std::string_view(arguments.reuse).substr(file.size()), folder)
                        : arguments.reuse);
  request.set_plain(arguments.plain);
  request.set_no_verify(arguments.no_verify);
  request.set_create(arguments.create);
  const bool here = arguments.create && arguments.workdir.empty();
  request.set_workdir(here ? folder.string() : absolute(arguments.workdir, folder));
  return request;
}

}  // namespace jackin::client
