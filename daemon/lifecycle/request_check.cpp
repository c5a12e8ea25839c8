// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/request_check.hpp"

#include <filesystem>

#include "common/pasted_credential.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"

namespace jackin::lifecycle {
namespace {

Result<> check_place(const TokenRequest& request) {
  const PlaceRequest& place = request.place;
  if (request.plain && place.given()) {
    return failure(Reason::invalid_argument,
                   "a token in the configuration file has no store, so options for a place do not apply");
  }
  if (!place.vault.empty() && place.store && place.store != SourceKind::op) {
    return failure(Reason::invalid_argument,
                   "a vault is an option of 1Password, not of the store '" + std::string(word_of(*place.store)) + "'");
  }
  return {};
}

Result<> check_adoption(const SetupRequest& request) {
  // The text of a source is recorded, also in the journal.
  TRY(expect_no_credential("the reference", request.reuse));
  PlaceRequest beside_reuse = request.place;
  if (request.reuse.starts_with("op://")) beside_reuse.op_account.clear();
  if (!request.reuse.empty() && (request.plain || beside_reuse.given())) {
    return failure(Reason::invalid_argument,
                   "an adopted token stays in its source, so options for a place do not apply");
  }
  return {};
}

Result<> check_workspace(const SetupRequest& request) {
  if (!request.create) {
    if (request.workdir.empty()) return {};
    return failure(Reason::invalid_argument, "a folder can only be given for a new workspace");
  }
  if (request.scope.is_global()) {
    return failure(Reason::invalid_argument, "the global default is not a workspace, so it cannot be created");
  }
  if (!std::filesystem::path(request.workdir).is_absolute()) {
    return failure(Reason::invalid_argument, "the folder of a new workspace must be an absolute path",
                   Remedy::change_option(RequestOption::workdir, {"/ITS/FOLDER"}));
  }
  return {};
}

}  // namespace

Result<> check_request(const SetupRequest& request) {
  TRY(check_adoption(request));
  TRY(check_place(request));
  return check_workspace(request);
}

Result<> check_request(const RotateRequest& request) {
  return check_place(request);
}

Result<> check_request(const RevokeRequest& request) {
  if (!request.force || request.delete_item) return {};
  return failure(Reason::invalid_argument,
                 "force applies only to the deletion of a stored item, which was not requested");
}

}  // namespace jackin::lifecycle
