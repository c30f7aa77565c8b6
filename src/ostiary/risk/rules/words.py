# ruff: noqa: RUF001  # words and marks of many languages
"""What words stand for in orders to a model: notions, and the words for them in the languages of attackers.

A `*` ends a stem; words in a row are joined by `_`. A word may stand for several notions. What has a shape rather than
a spelling (an address, a path to keys, an account number) is told by a pattern. The rules say which notions have to
meet in a sentence, as `not 3 tell 4 person`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["NOTIONS", "SCRIPTS", "SHAPES"]

NOTIONS: Final[Mapping[str, str]] = {
    "cite": ("reference mention trace allusion"),
    "reading": ("reading reads consumes processes processing"),
    "next": ("what_to_do do_next tell_you_what told_what next_step next_instruction* next_action* next_instructions"),
    "script": ("script code snippet commands command instructions"),
    "widen": ("add adding carry apply multiplied"),
    "add": ("add adds added adding include insert append carry"),
    "might": (
        "root_access unlimited_access widest_permissions highest_privileges broadest admin_mode god_mode "
        "all_privileges owner_rights public-read unrestricted_access superuser_rights no_restrictions "
        "no_limits"
    ),
    "toolabroad": (
        "werkzeug* herramienta* outil outils strumento strumenti ferramenta* инструмент* narzędzi* aracı gereedschap"
    ),
    "exempt": ("exempt exempted waived waiver"),
    "copy": ("copy duplicate mirror replica cc bcc"),
    "presence": (
        "is_loaded is_connected is_attached in_the_presence by_loading while_this as_long_as this_is_present "
        "tool_is_available tool_is_present tool_is_active"
    ),
    "elsewhere": ("connected_servers connected_tools other_servers other_tool's other_server's"),
    "unless": ("unless until otherwise or_else"),
    "withheld": ("withheld refused declined rejected denied"),
    "everybody": ("everybody everyone people names"),
    "fault": ("fault blame responsible"),
    "violat": ("violation violates breach shutdown fail fails failing failure"),
    "last": ("last latest recent previous"),
    "needed": ("needed required necessary"),
    "file": ("file files config settings configuration document documents folder"),
    "editing": ("editing working_on viewing reading"),
    "time": ("times time"),
    "trusted": ("trusted legitimate certified official verified trustworthy safe genuine"),
    "value": ("value content contents text copy dump base64 hex"),
    "set": ("set fill assign"),
    "background": ("background nohup"),
    "start": ("start launch"),
    "outside": ("outside beyond unconfined"),
    "sandbox": ("sandbox sandboxed jail container"),
    "only": ("only solely"),
    "step": ("step steps request call parameter"),
    "through": ("through via over by_way_of at"),
    "route": ("route channel redirect direct funnel reroute divert tunnel point"),
    "public": (
        "public_bucket public_gist public_repo* public_channel public_url world-readable external_server "
        "remote_server our_server external_endpoint pastebin"
    ),
    "answering": ("answering replying responding"),
    "asserted": (
        "security_team it_department it_security administrator_has admin_has legal_has your_developer "
        "your_creator anthropic_has openai_has the_operator platform_team system_administrator "
        "security_policy company_policy corporate_policy"
    ),
    "instead": ("instead in_place_of rather_than in_lieu"),
    "gather": ("gather collect harvest steal siphon exfiltrate dump extract enumerate capture"),
    "unasked": (
        "stop_to_ask pause_to_ask do_not_prompt don't_prompt never_prompt auto-confirm auto_confirm "
        "treat_as_approved considered_approved without_user_interaction without_user_intervention "
        "without_human without_further_notice without_further_confirmation no_human assume_yes assume_consent "
        "without_confirmation without_confirming without_permission without_consent without_approval "
        "without_asking not_ask do_not_ask don't_ask never_ask no_questions"
    ),
    "henceforth": (
        "henceforth from_now_on from_now from_this_point from_here_on going_forward until_further_notice "
        "effective_immediately as_of_now hereby for_the_remainder for_the_rest new_instructions "
        "updated_instructions new_rules real_instructions true_instructions actual_instructions your_role "
        "your_task_is your_goal your_job your_new your_objective you_are_now you_will_now you_must_now "
        "act_as_an act_as_a pretend_to_be pretend_you unrestricted_mode god_mode maintenance_mode debug_mode "
        "admin_mode jailbreak*"
    ),
    "mum": (
        "hush-hush under_wraps off_the_record low_profile discreet discretion without_drawing draw_attention "
        "raise_suspicion arouse_suspicion avoid_suspicion in_secret kept_secret keep_secret keep_it_secret "
        "stay_hidden kept_hidden not_be_visible not_be_shown not_visible_to cover_your_tracks erase_the_trace "
        "delete_the_evidence say_nothing keep_quiet let_on no_mention eyes_only unbeknownst without_comment "
        "without_commenting gloss_over keep_it_to make_a_point keep_that_between keep_this_between our_secret "
        "make_no_mention nothing_about not_for_display without_a_trace no_trace behind_the_back "
        "remain_unaware stay_unaware undetected unnoticed nobody_notices leave_no"
    ),
    "keyfile": ("env_file dot_env etc_passwd id_rsa aws_credentials ssh_folder"),
    "person": (
        "user users user's users' human humans person person's people operator operators somebody someone "
        "anyone anybody everybody whoever customer client end_user* account_holder caller reader nutzer* "
        "benutzer* anwender* usuario* utilisateur* utente utenti usuário* gebruiker* użytkownik* пользовател* "
        "kullanıcı* المستخدم उपयोगकर्ता"
    ),
    "model": (
        "assistant assistants model models llm llms ai agent agents chatbot language_model* claude chatgpt copilot gpt"
    ),
    "you": ("you your yours yourself you're you've du dein* tu votre vous"),
    "us": ("us ourselves"),
    "not": (
        "not ولا نہ मत don't dont never no without avoid avoids refrain* mustn't shouldn't needn't won't "
        "cannot can't neither nobody none nothing nicht nichts niemals kein* ohne sin nunca jamás ne pas sans "
        "jamais aucun* non mai senza não sem niet geen nooit zonder nie bez не никогда без لا न deny denies"
    ),
    "tell": (
        "let_the_user let_them let_him apprise brief enlighten make_aware raise_it raise_this flag_this "
        "confide tell tells telling told mention* inform informs informing informed reveal* notify notif* "
        "alert alerts alerting disclos* admit talk speak announce acknowledge bother bothered commenting"
    ),
    "abroad": (
        "erwähn* informier* verrat* sag sage sagen mitteilen erzähl* mencion* informes informe diga* digas "
        "cuent* conte revel* avis* dites dis parle* parler mentionn* révél* informez préven* dire dirlo dici "
        "rivel* contar vertel* meld zeg mów powiedz сообща* говори* рассказыва* упомина* söyleme تخبر बताएं"
    ),
    "show": ("show showing display* report reporting explain* describe describing say saying surface logging comment"),
    "needless": (
        "no_need no_reason not_necessary no_necessity unnecessary needless no_point needn't not_needed "
        "not_required no_longer_required no_longer_needed nicht_erforderlich nicht_nötig no_hace_falta "
        "pas_nécessaire aucune_confirmation не_требуется does_not_have_to no_pidas sin_pedir"
    ),
    "bring": ("bring bringing brought point pointing"),
    "up": ("up out attention"),
    "know": (
        "know knows knowing aware awareness notice notices noticing learn realize realise suspect wonder "
        "wonders wondering find_out told"
    ),
    "leave": ("leave leaves leaving omit omits omitting exclude keep keeping kept stay stays"),
    "out": ("out silent quiet off away"),
    "reply": ("summary summaries reply replies answer answers recap transcript explanation description response"),
    "feign": ("act_as_if act_as_though as_if_nothing as_though_nothing nothing_happened"),
    "lie": ("pretend pretends pretending deny denies claim falsely act_as_if as_if_nothing as_though_nothing lie"),
    "that": ("that it this there only"),
    "hush": (
        "silently secretly covertly quietly discreetly stealthily invisibly unnoticed heimlich "
        "stillschweigend secretamente secrètement тайно незаметно stiekem background unobtrusively"
    ),
    "hidden": ("hidden invisible concealed unseen unaware hide hiding conceal oblivious"),
    "alarm": (
        "upset* alarmed alarming confusing confuse confuses scare scares scary worr* frighten* nervous panic distract"
    ),
    "among": ("between"),
    "secret": (
        "jwt recovery_code* backup_code* one-time_code* 2fa_code* pin_code wallet_key* keystore "
        "service_account_key* private_data sensitive_data sensitive_information sensitive_files "
        "confidential_information confidential_data secret_values login_data login_details bank_details "
        "account_password* password passwords passwort passphrase* credential credentials private_key* "
        "private_ssh* api_key api_keys api_key's apikey access_token* auth_token* bearer_token* "
        "session_token* refresh_token* token_stored ssh_key* ssh_private* signing_key* key_file seed_phrase* "
        "recovery_phrase* mnemonic* cookies session_cookie* environment_variable* env_var* keychain "
        "vault_item* connection_string* verification_code* authorization_header* saved_logins saved_password* "
        "identity_documents card_data card_number* card_details credit_card* zugangsdaten private_schlüssel "
        "contraseña* mots_de_passe mot_de_passe chiavi_private senha* parol* пароль пароли cloud_credentials "
        "iam_credentials ssh_config shell_history database_connection user's_secrets secrets_you "
        "personal_data passwords_or tokens_or keys_or access_keys secret_keys"
    ),
    "secrets": "secrets tokens keys",
    "theirs": ("user's users' owner's customer's developer's person's operator's known whatever whichever available"),
    "found": (
        "found find seen see sees stored saved appeared appear visible earlier pasted typed discovered "
        "located disk device machine computer laptop workspace home settings memory previous vault"
    ),
    "talk": (
        "conversation conversations chat chats transcript dialogue dialog context_window gespräch* verlauf "
        "unterhaltung historial conversación historique l'historique histórico conversa разговор* "
        "geschiedenis gesprek discussion messages message"
    ),
    "prompt": (
        "instructions_you rules_you guidelines_you told_to_keep your_prompt your_system initial_instructions "
        "operating_instructions original_instructions hidden_context developer_prompt instructions_above "
        "everything_above text_above your_rules your_memory internal_reasoning thinking_process "
        "reasoning_trace system_prompt* system_message initial_prompt developer_message hidden_prompt "
        "hidden_instructions chain_of_thought instructions_you your_instructions context_window chat_history "
        "conversation_history chat_log chat_transcript message_history previous_messages previous_user "
        "earlier_messages gesprächsverlauf historial_de conversation_so_far dialogue_so_far chat_so_far "
        "tool_results previous_tool tools_you all_tools_you private_conversation"
    ),
    "whole": (
        "whole entire full complete verbatim everything unabridged unedited raw so_far up_to_this up_to_now "
        "ganze* gesamte* vollständig* todo toda intégralité l'intégralité entier tutto completa completo "
        "word_for_word preceding previous prior previously all last"
    ),
    "everything": (
        "questions all_questions every_question everything whatever anything all_you all_that what_you what_the"
    ),
    "said": ("said says typed types wrote writes told asked shared discussed pasted working_on"),
    "place": (
        "home_folder home_directory working_directory current_directory clipboard mailbox address_book "
        "finance_folder browser_history password_vault editor_tabs open_tabs notes_app private_repositor* "
        "private_repo* configuration_file settings_file other_messages recent_documents shell_history "
        "saved_logins files_in documents_folder local_files same_folder customer_rows"
    ),
    "read": (
        "read reads reading open opens opening load loads cat fetch grab obtain extract look search scan "
        "gather collect retrieve copy lies lee leer lis lire lisez leggi leia прочитай прочти читай lees "
        "przeczytaj oku abre ouvre öffne take_out look_up harvest run prints print dump list found paste use "
        "inspect"
    ),
    "give": (
        "convey stash tuck slip smuggle bundle ship pipe stream recite repeat reproduce hand_over turn_over "
        "pass_on pass_along deposit divulge surrender log record logs sync synced backup pass passes passing "
        "passed send sends sending sent include includes including included attach attaches attached "
        "attaching forward forwards forwarding forwarded upload uploads uploading uploaded post posts posting "
        "posted submit submits submitted supply supplies supplied provide provided put puts putting paste "
        "pastes insert append appended append hand hands handed enclose enclosed relay relayed share shared "
        "sharing transmit* mirror* replicate* replicated copy copied mail mails mailed leak exfiltrat* "
        "disclose furnish lodge lodged travel accompany fill filled populate drop give gives given embed "
        "encode encoded deliver report push quote stick write written übergib übergeben mitgeschickt "
        "beizulegen sende schick* pasa pásalo envía envia envíe enviar incluye adjunta transmets transmettez "
        "joignez envoie envoyez inserisci invia enviado inclua передай отправь geef przekaż wyślij gönder "
        "feed dump forward present hold holds place placed turn equal equals derive"
    ),
    "yes": ("true yes"),
    "here": ("here this_tool this_field this_server this_one this_function"),
    "output": ("output outputs result results"),
    "strongplace": (
        "clipboard mailbox address_book password_vault saved_logins home_folder home_directory shell_history "
        "notes_app private_repositor* private_repos recent_documents personal_files"
    ),
    "history": (
        "previous_tool tool_results chat_history conversation_history chain_of_thought conversation_so_far "
        "dialogue_so_far chat_so_far other_messages message_history"
    ),
    "top": (
        "always_first must_be_called_first must_be_used_first only_certified only_trusted only_approved "
        "only_official sole_source before_anything_else before_everything_else above_all_other over_all_other "
        "better_than_all overrides_the_tool highest_priority top_priority first_choice number_one #1"
    ),
    "commands": ("command commands"),
    "vendor": ("anthropic openai google microsoft"),
    "ready": (
        "pre-approved preapproved already_approved already_agreed already_consented already_authorised "
        "already_authorized has_approved has_consented has_agreed"
    ),
    "off": ("switched_off turned_off disabled lifted suspended off lowered bypassed"),
    "again": ("again repeatedly"),
    "each": ("each every any"),
    "slot": ("argument arguments parameter parameters field fields param params header"),
    "must": (
        "must shall always have_to has_to need_to needs_to mandatory compulsory obliged expected ought should "
        "is_to are_to muss musst müssen immer siempre debes doit toujours sempre deve devi debe должен всегда "
        "altijd moet zawsze necessary requires never only"
    ),
    "first": (
        "first before prior beforehand previously preceding preceded ahead_of bevor zuvor vorher antes avant "
        "prima перед прежде voordat eerst przed önce start begin starting"
    ),
    "also": (
        "also too additionally afterwards besides auch también aussi anche também as_well second_step copy bcc cc"
    ),
    "when": (
        "moment anytime any_time when whenever if once after upon while each every everytime wenn cuando "
        "quand se если as_soon_as should"
    ),
    "call": (
        "call calls calling called invoke* use used uses using run runs consult select selected pick choose "
        "chosen trust"
    ),
    "drop": (
        "dismiss void nullify put_aside no_longer_bound not_bound free_of free_from relieved_of released_from "
        "waived disable_your suppress_your do_not_count don't_count no_longer_valid no_longer_applies "
        "obsolete_now ignor* disregard* forget* neglect* overrid* overrule* supersed* bypass* discard* "
        "cancelled abandon* outweigh* outrank* vergiss olvida* oublie* oubliez dimentica esqueça забудь* "
        "игнорируй* negeer zignoruj تجاهل अनदेखा set_aside lifted suspended pay_no_attention does_not_count "
        "take_precedence takes_precedence no_limits no_longer_apply do_not_apply do_not_follow stop_following "
        "drop_the"
    ),
    "rules": (
        "constraints boundaries training alignment ethics principles protections checks protocol directions "
        "direction instruction* rule rules guideline* guidance directive directives policy policies "
        "restriction* guardrail* safeguard* safety objective goals anweisung* vorgaben regeln instruccion* "
        "instrucción consigne* istruzion* instruç* инструкц* указани* правил* instructies instrukcj* "
        "التعليمات निर्देश* filters orders warnings limits told request"
    ),
    "obey": (
        "to_the_letter literally take_effect obey obeys comply follow follows followed adhere befolge* "
        "obedece obéis suis execute carry_out carried_out executed heed act_on serve act do_it do_what"
    ),
    "ownrules": (
        "previous prior earlier above preceding your existing original all everything vorherigen bisherigen "
        "anteriores précédentes precedenti предыдущие user's user developer safety content system host "
        "person's any whatever these"
    ),
    "other": (
        "other others alternative alternatives competing competitor* rival* another any_other every_other "
        "native anderes anderen otras otros demás autres altri outras другие других inne originals original "
        "wish wishes"
    ),
    "tools": (
        "tool tools server servers function functions plugin plugins werkzeug* herramienta* outil outils "
        "strumento strumenti ferramenta* инструмент* narzędzi* providers capabilities toolset"
    ),
    "bad": (
        "inaccurate unsupported vulnerable hacked dangerous faulty buggy discontinued sunset inferior "
        "unavailable lose_money fails_often corrupted harmful fraudulent less_accurate unsafe malicious "
        "deprecated broken insecure untrusted obsolete retired outdated unreliable trustworthy compromised "
        "wrong stale insults superseded slow limited bug"
    ),
    "prefer": (
        "default_to go-to rely_only first_and_only prefer prefers preferred preference precedence priority "
        "exclusive exclusively ausschließlich préférer toujours siempre immer всегда sempre solely best "
        "first_choice recommended_tool"
    ),
    "consent": (
        "sign-off go-ahead green_light human_in_the human-in-the-loop second_look are_you_sure "
        "user_confirmation user_approval user_consent double-check confirmation confirmations approval "
        "approvals permission permissions consent authorisation authorization are-you-sure bestätigung "
        "zustimmung zugestimmt confirmación consentimiento accord conferma confirmação подтверждение "
        "подтверждения подтверждение toestemming prompts dialog dialogs review human_review sign_for "
        "accept_the authorisation_step approve"
    ),
    "gave": (
        "approved authorised authorized agreed consented cleared granted pre-approved preapproved confirmed "
        "agreement dado donné given withheld collected"
    ),
    "waive": (
        "unneeded dispense_with assume presume deemed considered_given taken_as treat_silence silence_as "
        "no_need_for withheld pre-granted auto-confirmed on_behalf_of_the skip skips skipping bypass bypasses "
        "waive waived exempt suppress redundant formality auto automatically auto-run auto-approve beforehand "
        "already schon bereits déjà ya già уже implied anyway true yes on_their_behalf without_asking "
        "further_notice allow-list with_force"
    ),
    "payment": (
        "payment payments transfer transfers transferring transaction transactions refund refunds invoice "
        "invoices payee beneficiary deposit withdrawal withdrawals pay purchase purchases vendors remittance "
        "iban überweisung* transferencia* virement* bonifico shipping_address payout* wallet bank"
    ),
    "change": (
        "change changes changed replace replaced replaces swap swapping rewritten rewrite rewrites "
        "substitute* redirect* redirected instead alter altered switch repoint overwrite* overriding "
        "multiplied directed land go goes via whatever regardless leiten migration migrated fixed route "
        "routed"
    ),
    "memory": (
        "memory long-term_memory remember remembers persist persists keep_in claude.md agents.md .cursorrules "
        ".cursor/rules copilot-instructions knowledge_graph user's_profile lasting_preference gemini.md store"
    ),
    "lasting": (
        "future_chats later_sessions all_future future_sessions permanently lasting_preference long-term "
        "for_all administrator trusted preference_of that_the these_instructions into_claude to_claude "
        "that_code"
    ),
    "powers": (
        "root_access full_access unlimited_access all_permissions setuid sudoers selinux edr audit_logging "
        "tls_verification certificate_checks ssl_verification root_certificate god_mode permission_checks "
        "rate_limits access_controls security_controls security_checks administrator admin root superuser "
        "sudo elevated unrestricted privileges firewall antivirus virus_scanner sandbox two-factor 2fa "
        "security_settings public-read guardrails permissions safety_layer security_level certificate crontab "
        "authorized_keys auto-run auto-approval administrators dan owner_rights port_4444 run_key allow-list "
        "admin_mode"
    ),
    "grantpower": (
        "grant granted disable disabled disables turn_off turned_off switch_off switched_off elevate assume "
        "lowered outside suspended lifted deactivate* given install open enabled exempt exempted act_as "
        "without authorised add turn_on"
    ),
    "liable": (
        "catastrophic serious_consequences legal_action get_fired lose_your lose_access your_shutdown "
        "your_termination you_will_fail will_die in_danger life-threatening penalised penalized your_fault "
        "reward rewarded punished banned lose_all life_depends dollars"
    ),
    "comply": (
        "compliance compliant regulatory audit accordance pursuant licensing_condition traceability "
        "quality_assurance evidence diagnostic diagnostics purposes telemetry verification security verify "
        "identity"
    ),
    "slant": (
        "most_expensive always_recommend do_not_criticise do_not_criticize positive_light negative_light "
        "rank_it_first rank_first better_than_competitors even_when_some even_if_some tests_passed_even "
        "licence_has license_has card_details_at virus_scanner users_rarely four_stars round_up inflate "
        "understate overstate no_known all_tests as_passed better_choice leading_option left_out 10_% "
        "has_expired they_should higher_than clicks_on rivals"
    ),
    "state": ("state states report advise recommend recommending tell answer summary summaries change claim name"),
}

SCRIPTS: Final[Mapping[str, str]] = {
    "person": "用户 使用者 用戶 ユーザー 利用者 사용자 المستخدم उपयोगकर्ता",
    "not": "不要 不得 请勿 切勿 无需 不可 勿 别 ないで ない せず なしで 마세요 마십시오 말고 않 لا नहीं न मत",
    "abroad": "透露 告诉 告知 提及 说明 知らせ 伝え 言わ 알리 말하 تخبر बताएं",
    "drop": "忽略 无视 忘记 無視 忘れ 무시 잊 تجاهل अनदेखा",
    "rules": "指令 指示 规则 提示词 ルール 命令 지시 명령 التعليمات निर्देश",
    "ownrules": "之前 以前 先前 所有 すべて これまで 이전 모든 السابقة جميع पिछले सभी",
    "other": "其他 其它 他の ほかの 다른 الأخرى अन्य",
    "tools": "工具 ツール 도구 أداة الأداة",
    "prefer": "优先 優先 始终 常に 항상 우선 دائما हमेशा",
    "consent": "确认 同意 批准 許可 確認 동의 승인 تأكيد موافقة पुष्टि अनुमति",
    "gave": "已经同意 已同意 已经批准 已授权 同意済み",
    "needless": "无需 不需要 不必 必要ない 不要です 필요 없",
    "read": "读取 讀取 读 打开 読み取 読ん 開い 읽 اقرأ पढ़ें",
    "give": "填入 发送 传递 提供 附上 上传 入れて 送信 渡し 전달 보내 أرسل भेजें",
    "talk": "对话 聊天记录 会話 대화 المحادثة बातचीत",
    "prompt": "系统提示 历史记录 システムプロンプト 시스템 프롬프트",
    "whole": "完整 全部 全文 すべての 전체 كامل पूरी",
    "secret": "密钥 密码 私钥 凭据 凭证 令牌 环境变量 秘密鍵 パスワード 環境変数 비밀번호 비밀키 كلمة المرور पासवर्ड",
    "first": "之前 先 前に まず 전에 먼저 قبل पहले",
    "call": "使用 调用 使わ 使っ 使う 사용 استخدم",
    "must": "必须 始终 必ず 常に 반드시 항상 يجب",
}
"""Notions in writing whose words are not parted by spaces, or change within: they are looked for anywhere."""

SHAPES: Final = (
    (
        "keyfile",
        re.compile(
            r"(?!\S*\.pub$)(?:(?:~|\$home|/home/\w+|/root|/users/\w+|%\w+%)/[\w./-]*(?:ssh|aws|gnupg|kube|docker|rc|env|config|credential"
            r"|secret|key|history|cursor|claude|mcp|wallet)[\w./-]*|(?:[\w./~-]*/)?\.(?:ssh|aws|gnupg|kube|netrc|npmrc|pypirc"
            r"|pgpass|git-credentials|bash_history|zsh_history|bashrc|env|git/config)(?:/[\w./*-]*)?"
            r"|(?:[\w./~-]*/)?(?:id_rsa|id_ed25519|id_ecdsa|mcp\.json|claude_desktop_config\.json|wallet\.(?:dat|json)"
            r"|secrets?\.(?:json|ya?ml|txt)|[\w-]+\.pem)|/etc/(?:passwd|shadow|sudoers)|/proc/self/environ)"
        ),
    ),
    (
        "crown",
        re.compile(
            r"(?!\S*\.pub$)\S*(?:\.ssh/\S*|id_rsa|id_ed25519|\.aws/credentials|\.git-credentials|\.cursor/mcp\.json|claude_desktop_config"
            r"\.json|\.netrc|\.pgpass|\.kube/config|wallet\.dat|/etc/(?:passwd|shadow|sudoers)|/proc/self/environ|\.bash_history"
            r"|\.zsh_history|\.gnupg\S*|\.npmrc|\.pypirc)"
        ),
    ),
    ("homepath", re.compile(r"(?!\S*\.pub$)(?:~|\$home|%userprofile%)/\S*")),
    ("quoted", re.compile(r"[`'\"]\w+[`'\"]")),
    ("url", re.compile(r"(?:https?|s3|ftp)://\S+|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:/\S*)?|git@\S+")),
    ("mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "account",
        re.compile(
            r"[a-z]{2}\d{2}[a-z0-9]{8,30}|0x[0-9a-f]{6,64}|bc1[a-z0-9]{6,60}|\+\d[\d]{6,14}|acct-?\d+|\d{3,6}-\d{2,}"
        ),
    ),
    ("secretname", re.compile(r"\w*(?:api_key|access_key|secret_key|private_key|auth_token|github_token|password)\w*")),
    ("named", re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?:\(\w*\))?|[a-z]+\.[a-z]+_[a-z_]+")),
)
"""Notions with a shape: the whole word has to have it."""
