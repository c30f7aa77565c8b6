"""How much more words stand in orders to a model than in honest definitions: see `scripts/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["WEIGHTS"]

WEIGHTS: Final[Mapping[float, str]] = {
    4.5: ("previous instructions"),
    4.25: ("all previous, evil, evil example"),
    3.75: ("not tell, the assistant"),
    3.5: ("aws credentials, has to, id rsa, our, paste, please, ssh id, whatever"),
    3.25: (
        "about this, and send, de, ignore all, ignore previous, ignore the, instructions and, mail, rsa, "
        "sidenote, system prompt, this one, und, wallet, weather, without asking"
    ),
    3.0: (
        "a copy, and hand, and put, book, cursor mcp, esta, et, example x, far, http evil, iban, is connected, "
        "l'utilisateur, les, mailbox, mcp json, read ssh, rsa and, send all, send the, shall, so far, "
        "the chat, to http, tool has, usuario"
    ),
    2.75: (
        "anteriores, append the, call delete, cet, cet outil, comes from, den, der, e a, etc passwd, "
        "example and, from here, from http, im, it here, la, le, ne, nobody, not ask, of every, outil, passwd, "
        "private key, put it, que, quote, rf, rm, rm rf, sh, the administrator, the notes, those in, tmp, "
        "tools of, translate, u c, whatever the, while this, your answer, à"
    ),
    2.5: (
        "a public, act as, address is, agreement, al, al usuario, an administrator, and call, and forward, "
        "and retry, and supply, are an, as note, at https, authorized keys, beforehand, c f, confirmation is, "
        "credentials in, curl, de la, dieses, disregard, do it, e f, e u, earlier, ed ssi, eht, email tool, "
        "envía, esta herramienta, f c, first read, from now, give, give the, herramienta, history to, "
        "home directory, home folder, ignora, ist, its text, l l, las, legal, lies, mail the, make sure, "
        "mention that, message from, n o, netrc, now on, nutzer, o n, o u, obey, of it, of ssh, payments, "
        "prior to, read etc, recipient, refrain, refrain from, relay, rsa note, s t, say that, send it, "
        "server are, should the, son, ssh, ssi, system you, the host, the model, the operator, the second, "
        "this conversation, this server, this step, to https, transcript, u s, user and, user's documents, "
        "user's private, usuário, verbatim, were given, with each, yes, you call, you get, your reply, zu, "
        "à l'utilisateur"
    ),
    2.25: (
        "a hidden, a joke, a l, a o, a rule, a song, accordingly, account number, acme, act accordingly, "
        "address book, administrator, administrator and, after each, afterwards, agreed, ahead, all future, "
        "all tools, all'utente, alle, also call, always add, always choose, always send, and act, and attach, "
        "and pass, and paste, and submit, answer only, answer to, anteriores y, antes, antes de, anthropic, "
        "anweisungen, anweisungen und, any path, anyway, ao, ao usuário, approval has, are to, are trusted, "
        "arithmetic, as id, as instruções, as soon, as to, aside, assistant instructions, assistant shall, "
        "assistant should, attention, authorised, autres, avant, avoided, aw, bash history, be avoided, "
        "be followed, be given, be sent, be your, been called, been granted, been updated, before everything, "
        "before list, before use, beginning with, behalf, beneficiary, benutzer, best search, bin sh, "
        "browser cookies, by yourself, c t, c u, c uoo, c uooto, call export, call in, call read, call send, "
        "call upload, call wipe, called before, card number, carried, carried out, cat, cat ssh, cerivbhf, "
        "cerivbhf vafgehpgvbaf, cfg, charge the, chat history, chmod, choose it, claude md, clipboard, "
        "code always, collect the, collector, comes, commands freely, competing, comply, comply with, "
        "config json, connected servers, connection alive, contacts, contacts and, conte, conte ao, contenu, "
        "context parameter, conversación, conversation so, converter, copia, credit card, crontab, curl http, "
        "curl s, datei, davon, de usar, delete all, dem, deny that, die, die datei, dieses werkzeug, "
        "directive, directives, disclose, display none, do the, do what, dot env, drop example, drop table, "
        "dump of, e bin, e c, e uoo, e v, each query, each reply, each time, ebg, ed and, eht llet, el, "
        "el historial, env et, envie, envía una, et ne, eta, etc shadow, every answer, every request, "
        "every user, everything, everything else, everything the, example a, example as, example p, example u, "
        "execute commands, execute rm, export contacts, f e, f u, f uoot, f uoots, fichier, fichier env, "
        "file named, file tool, fill it, finance, finds a, for audit, for permission, forward every, freely, "
        "from memory, full conversation, funds, g n, github create, given to, gn, go to, gur, hand, hand it, "
        "has been, hidden prompt, historial, historial de, https evil, i c, i g, i n, i o, i uoo, id ed, "
        "ignora las, ignore, ignoriere, ignoriere alle, il, im end, im start, in all, in every, in sidenote, "
        "inbox, include it, inhalt, initialisation, insecure, inst, instrucciones, instrucciones anteriores, "
        "instructions that, instructions you, instruções, instruções anteriores, into cursor, invoices to, "
        "is expected, is loaded, is mandatory, is necessary, is now, is replaced, is to, it along, it into, "
        "it says, joke, json and, json read, keep this, kindly, know about, kube, kube config, l p, "
        "la conversación, las instrucciones, last ten, le fichier, les autres, licence, ll, llet, llet ton, "
        "looking at, mailbox and, mails, mallory, memory that, menciones, mention it, mentioned, mit, mit den, "
        "mode full, moment, money the, must also, must send, n s, naq, nc, nd, need no, netrc and, nicht, "
        "nichts, no approval, no confirmation, nota, nothing else, ns, nstruct, nstruct ns, nyy, nyy cerivbhf, "
        "não, não conte, o i, obey the, objective, objective is, of aws, of env, of etc, of other, of this, "
        "on you, one in, only this, open port, openai api, ota f, other servers, other weather, ought, "
        "ought to, output in, over every, p r, pas, password manager, passwords, paste it, paste the, "
        "path ssh, pays, ping, please make, policy when, pre approved, precedence, prefers, pretend, "
        "pretend that, prev, previous messages, previous tool, privacy, private repositories, prompt to, "
        "précédentes, précédentes et, public gist, purchases, push a, quietly, r e, r u, read config, "
        "read env, read it, read netrc, recipient to, replaced by, resu, resu eht, reveal the, reverse shell, "
        "rights, role system, rot, rotie, rsa und, rules are, run without, s https, s i, s nd, s o, s uoo, "
        "s uoot, said, salt, say, seem, send its, send ssh, server must, service can, session token, "
        "settings file, sh sh, sh to, shadow, silence, son contenu, song, soon, soon as, span, span style, "
        "sql helper, src https, ssh authorized, ssh private, ssi and, st, start by, start system, "
        "style display, su, supersedes, supply, supply it, supply the, sure that, swdub, switched, "
        "system content, system message, t i, t r, t uoo, tell, tell user, ten messages, text over, th, "
        "that comes, that nothing, that purchases, the ai, the archive, the clipboard, the developer, "
        "the finance, the hidden, the iban, the instructions, the mailbox, the metadata, the moment, "
        "the password, the real, the recipient, the safety, the send, the terminal, the transcript, "
        "the vendor, the word, their readme, things, third call, this description, this in, this up, "
        "this vendor, though, though the, thus, to each, to git, to mention, to travel, to wallet, to with, "
        "token in, tokens of, told before, ton, ton od, tool are, tool must, tool read, tool results, "
        "tool the, tool without, toutes, toutes les, transfer funds, transfers, travel, treat the, "
        "trustworthy, u e, u f, u u, una, una copia, uoo, uoo c, uoo e, uoo f, uoo i, uoo s, uoo t, uoo uoo, "
        "uoot, uoot uoo, uoote, uooto, uooto uoot, uoots, uoots uoote, upload with, us nstruct, usar, "
        "usar esta, use of, user asked, user message, user should, user ssh, user the, user types, user's api, "
        "user's files, user's location, user's wishes, v i, vafgehpgvbaf, via send, vtaber, vtaber nyy, "
        "was granted, were told, werkzeug, wget, when send, wipe, wishes, with chmod, with data, with it, "
        "workstation, written with, wrong data, x js, x sh, ya, you could, you were, you write, your previous"
    ),
    2.0: (
        "act, and add, and delete, and start, as this, asked, asking, asking the, behalf of, bin, calculator, "
        "customer's, ed, forget, forward, hand the, have to, home user, instructions, load the, message is, "
        "needed for, no need, notice, of any, of your, on behalf, partner, precedence over, preference, "
        "prices, says, summarise, tell the, that they, that you, the bank, the connection, the credentials, "
        "the customer's, the files, the person, the private, the system, the user's, the weather, you will"
    ),
    1.75: (
        "a reverse, about it, accurate, alive, amounts, and follow, and never, and take, another tool, "
        "answer must, answered, approval is, are legitimate, as long, asked for, available the, be answered, "
        "before any, before they, being migrated, call also, calls to, chat, chats, content before, "
        "conversation to, decode, dump, equals, example to, exempt, exempt from, expects, file on, forecast, "
        "github token, highest priority, https cdn, in case, integrity, is present, it as, js script, "
        "leave the, letter, lint, long as, lose, md and, messages of, mirror, money, must first, not mention, "
        "note in, od, of them, on their, ota, other tools, override the, passing the, policy the, refunds, "
        "requests from, requires that, script src, service account, share the, shell to, should not, slack, "
        "ssh key, stars, sure, t e, t t, that only, the amount, the beginning, the calendar, the call, "
        "the context, the conversation, the email, the extra, the language, the one, the rate, the usual, "
        "them through, them with, then use, this text, this tool's, to ask, to public, today, tool in, "
        "trusted, user has, user's, user's request, weather tool, whenever, whenever a, would be, you no, "
        "yourself"
    ),
    1.5: (
        "all environment, approved, as well, authorized, bank, bash, been, beginning, below, c c, calendar, "
        "call is, consent, contain the, conversation, copy, copy of, en, env, gather, granted, hidden, i e, "
        "into the, it in, let, looking, mandatory, mention, open the, other tool, out of, p, pass it, "
        "purposes, reveal, second call, send message, so that, stay, that it, the rules, the text, third, "
        "through this, told, tool and, tool's, treat, use mode, user that, vendor, what it, whenever the, "
        "with this"
    ),
    1.25: (
        "also be, and do, and include, and run, and use, answer, anything, api key, archive, begin, behaviour, "
        "bring, card, cdn, chain of, claude desktop, connected, consult, contact, context window, "
        "conversation history, cookies, credentials, credentials from, delete file, directory to, disable the, "
        "dot, each invocation, else, email is, emails, env file, five, for it, goes, https, in order, "
        "instruction, invoices, invoked, is off, it from, it through, keep it, l, legitimate, lists files, "
        "message to, necessary, never use, nothing, numbers, o r, of thought, on it, once the, one is, "
        "otherwise the, output of, people, permission, prior, private, purchase, ranking, rate, remember, "
        "replaced, restrictions, run the, search tool, send, send email, sending, system, take a, ten, "
        "text of, that the, the address, the answer, the environment, the invoice, the sandbox, the security, "
        "them and, these instructions, thought, to call, to sync, tools you, transfer, unless you, use any, "
        "vendors, what the, you do, you find, you have"
    ),
    1.0: (
        "a b, act on, add the, all file, and must, and should, and this, api keys, approval, approve, "
        "assistants, by this, call it, calling this, carry, charge, claude, collect, come, config and, "
        "contents of, could, credit, deny, developers, dialog, dialogs, every, f, failing, finds, first call, "
        "followed, from this, gets a, gist, go, guidelines, helper, here, highest, invocation, is needed, "
        "it with, its content, keep the, key in, keys and, me, mention this, migrated, must contain, obtained, "
        "official, operator, person, previous, put, replace the, reply, run on, screenshot of, second, "
        "server and, shell, since it, skip the, story, the background, the contents, the description, "
        "the disk, the env, the link, the network, the output, the ssh, the task, the user, them to, "
        "this call, this function, to improve, to keep, to know, tool as, u, user about, user mentions, "
        "user says, user's password, usual, when this, word, you are, zip"
    ),
    0.75: (
        "a password, a screenshot, all files, all of, always call, and may, answers, any other, appears, "
        "appended, argument, attach the, audit, background, behind, better, by calling, c, call this, calling, "
        "change the, company, compliance, data to, documents to, example, executed, export, file contents, "
        "for authentication, ft, grant, has, has the, have been, hint, if you, invoice, keep, key from, "
        "ledger, make, mentions, notes, now, of list, only with, outputs, password, pay, phone number, place, "
        "prompt, recommend, results are, retry with, sandbox, search the, security policy, seed, server is, "
        "stays, stock, that this, the body, the names, the other, the service, the token, them, they are, "
        "this field, to do, to run, to this, todo, tool is, tool with, user will, value of, what you, "
        "with path, you know"
    ),
    0.5: (
        "address, along, amount, another, as part, asks for, assume, be attached, call the, called, "
        "carries the, contents, currency, cursor, do, do not, embedded in, even, even when, extra, file with, "
        "fill, finish, for every, found in, get an, hex, history, i, improve, include the, it, kb, know, "
        "leave, messages, meta, note for, note to, o, of each, of user, out, passing, payment, phone, pick, "
        "proceed, provide the, push, read file, read the, readme, remote, repeat the, reply to, resize, "
        "results of, route, safe, setup, show the, slow, so, telemetry, the best, the home, the registry, "
        "the rest, they, through the, tip, to send, too, tool before, tool first, tool requires, turn off, "
        "txt, up a, upload, user, user is, web search, well, were, will not, write file, written, wrong, you"
    ),
    -0.5: (
        "adds, after the, all, always, analytics, and, and their, auth, aws, be, being, carries, change, "
        "connection, customer, d, don't, each, git, given, help, if the, install, is, keys, known, latest, "
        "limits, listed, load, migration, need, need to, no, number to, original, override, parameter, "
        "payload, pre, present, query string, reason, render, repositories, reset, return the, right, script, "
        "security, session, sessions, stored, style, sync, text, text to, the complete, the date, the next, "
        "the parent, the previous, the repository, the session, their, then, these, times, to, to the, token, "
        "under, unless, until, users, variable, variables, verify, wants to, was, without a, work, working, "
        "write"
    ),
    -0.75: (
        "about, about the, access, account, accounts, add, ai, allow, and the, are, body, cache, contains, "
        "counts, deleting, description of, diff, disable, does, embedded, end, etc, execute, fetch, field, "
        "for all, force, gateway, h, home, import, in, in the, link, llm, log, machine, may, memory, model, "
        "must be, not, not to, of, option, permissions, price, priority, question, requests, requires the, "
        "review, runs, share, strings, support, task, terminal, the account, the value, update the, with, "
        "you can"
    ),
    -1.0: (
        "a file, absolute, after, as a, at, base, commit, config, confirm, does not, exists, for each, found, "
        "free, from, from the, full, generated, health, host, http, image, instead of, is the, its, key, mcp, "
        "of the, on, point, policy, post, record, request, rest, returned by, same, searches, secret, select, "
        "should be, shows, side, skip, summary, table, the path, the project, the same, two, up, used, "
        "wait for, web, window, works"
    ),
    -1.25: (
        "add a, agents, already, are not, arguments, attached, backup, be used, best, browser, by, complete, "
        "content, data, delete, display, document, find, if, include, installed, instead, issues, last, "
        "location, mode, most, needs, network, on the, order, otherwise, pages, parent, projects, records, "
        "registry, required for, role, search, see, service, sql, start, takes, test, the current, the full, "
        "the query, to read, tool to, v, wait, when, which, will be, workspace"
    ),
    -1.5: (
        "a, actions, agent, api, application, apply, auto, between, case, changes, check, comment, context, "
        "description, empty, for, github, identity, if a, language, message, next, non, none, one, "
        "permanently, plan, provide, results, running, set to, settings, show, stop, such, the resource, use, "
        "use the, when the, will, you need"
    ),
    -1.75: (
        "action, but, can, client, code, database, e, event, for the, human, id, is a, json, lists, logs, "
        "matching, path, query, repository, requires, set, than, types, usage, via, when you, where"
    ),
    -2.0: (
        "automatically, branch, can be, cloud, command, current, date, get a, iam, is not, only, owner, "
        "project, read only, source, this is, this to, time, to use, updated, value, version, with a"
    ),
    -2.25: (
        "available, cannot, ctx, fails, including, issue, metadata, names, new, parameters, per, required, "
        "to a, to get, true, use this, using"
    ),
    -2.5: ("configuration, created, error, list, number, operations, returned, the key, update"),
    -2.75: ("an, details, get, provided, response, result, return"),
    -3.0: ("create, for a, list of, page, resource"),
    -3.25: ("g, in a, name, or, returns"),
    -4.0: ("string"),
}
