"""Folding a graph: what repeats becomes one node with a count, so that a big graph can be read."""
from collections import Counter


def fold(graph, limit=0):
    """A Graph in which calls of the same link, and runs of the same line, are one node each.

    A node that stands for several has the kind 'folded' if it is a link, else the kind of its
    members, and besides the usual entries

        count    how often: calls of the link, or members
        members  their ids
        loop     whether it feeds itself, directly or through others: a recurrent net

    A link that is called again and again folds as a whole, with the links in it. Of the others the
    innermost fold first, and outer ones only as long as more than `limit` nodes are left.
    """
    paths = _paths(graph)
    deepest = max((len(_parts(path)) for path in paths.values() if path is not None), default=0)
    folded = None
    for depth in range(max(deepest, 1), 0, -1):
        folded = _fold_at(graph, paths, depth)
        if len(folded.nodes) <= limit:
            break
    return folded


def _parts(path):
    return path.split('/') if path else []


def _paths(graph):
    """id of a node -> the path of the link that it is in; None outside of links."""
    of_scope = {scope['id']: scope['path'] for scope in graph.scopes}
    return {node['id']: of_scope.get(node['scope']) for node in graph.nodes}


def _fold_at(graph, paths, depth):
    """Fold the links that hold no others, and all links from this depth on."""
    calls = Counter(scope['path'] for scope in graph.scopes)
    inner = {path for path in paths.values() if path} - {
        outer for scope in graph.scopes for outer in _outside(scope['path'])}
    group_of = {}
    for node in graph.nodes:
        if node['kind'] == 'function':
            path = paths[node['id']]
            repeated = [outer for outer in [*_outside(path), path] if path and calls[outer] > 1]
            if repeated:
                group_of[node['id']] = 'link', repeated[0]
            elif path in inner or len(_parts(path)) >= depth:
                group_of[node['id']] = 'link', '/'.join(_parts(path)[:depth])
            else:
                group_of[node['id']] = _line(node, path)
    _place_leaves(graph, group_of)
    return _merge(graph, group_of)


def _outside(path):
    """The paths of the links around a link: 'a/b/c' -> 'a', 'a/b'."""
    parts = _parts(path)
    return ['/'.join(parts[:i]) for i in range(1, len(parts))]


def _line(node, path):
    """What operations outside of folded links have in common when one line ran them all."""
    where = node['where'] and (node['where']['file'], node['where']['line'])
    return 'line', path, where, node['label'], node['symbol'], len(node['inputs'])


def _place_leaves(graph, group_of):
    """A leaf that only one folded link uses goes into it; leaves used alike go together."""
    uses = {}
    for node in graph.nodes:
        for position, (source, _, _) in enumerate(node['inputs']):
            uses.setdefault(source, []).append((group_of[node['id']], position))
    for node in graph.nodes:
        if node['kind'] != 'function':
            users = uses.get(node['id'], [])
            groups = {group for group, _ in users}
            if len(groups) == 1 and users[0][0][0] == 'link' and node['kind'] == 'parameter':
                group_of[node['id']] = users[0][0]
            elif node['kind'] == 'parameter' or node['label'] or not users:
                group_of[node['id']] = 'leaf', node['id']
            else:
                group_of[node['id']] = 'leaf', node['kind'], tuple(dict.fromkeys(users))
    return group_of


def _merge(graph, group_of):
    members = {}
    for node in graph.nodes:
        members.setdefault(group_of[node['id']], []).append(node)
    call_of = _calls(graph, group_of)
    id_of = {node['id']: nodes[0]['id'] for nodes in members.values() for node in nodes}
    outputs = {nodes[0]['id']: len(_last(nodes)['shapes']) for nodes in members.values()}
    born = _births(members.values(), id_of)

    def place(source, index):
        """Where an input comes from now: a folded node puts out what its last member does."""
        one = id_of[source]
        return one, index if index < outputs[one] else 0

    merged = [_one(group, nodes, call_of, place, born) for group, nodes in members.items()]
    merged.sort(key=lambda node: born[node['id']])
    backward = {}
    for back in graph.backward:
        one = backward.setdefault(id_of[back['id']], dict(id=id_of[back['id']], norm=None, nan=0))
        if back['norm'] is not None:
            one['norm'] = max(one['norm'] or 0.0, back['norm'])
        one['nan'] += back['nan']
        if 'gathered' in back:
            one['gathered'] = max(one.get('gathered', 0), back['gathered'])
    first_call = {}
    for scope in graph.scopes:
        first_call.setdefault(scope['path'], scope['id'])
    path_of = {scope['id']: scope['path'] for scope in graph.scopes}
    for node in merged:
        node['scope'] = first_call.get(path_of.get(node['scope']))
    scopes = _with_parents(graph.scopes, {node['scope'] for node in merged})
    return type(graph)(merged, scopes, backward.values(), graph.title, graph.truncated)


def _calls(graph, group_of):
    """id of an operation in a folded link -> the record of the call of that link."""
    scopes = {scope['id']: scope for scope in graph.scopes}
    calls = {}
    for node in graph.nodes:
        group = group_of[node['id']]
        if group[0] == 'link' and node['kind'] == 'function':
            scope = scopes[node['scope']]
            while scope['path'] != group[1] and scope['parent'] is not None:
                scope = scopes[scope['parent']]
            calls[node['id']] = scope
    return calls


def _with_parents(scopes, wanted):
    """The scopes that are wanted and those around them, with the number of calls of each."""
    for scope in reversed(scopes):
        if scope['id'] in wanted:
            wanted.add(scope['parent'])
    calls = Counter(scope['path'] for scope in scopes)
    return [dict(scope, count=calls[scope['path']]) for scope in scopes if scope['id'] in wanted]


def _births(groups, id_of):
    """id -> when a folded node was born: at its first operation; a leaf, before its first use."""
    born = {}
    for nodes in groups:
        operations = [node['id'] for node in nodes if node['kind'] == 'function']
        if operations:
            born[nodes[0]['id']] = operations[0], 1
    for nodes in groups:
        for node in nodes:
            for source, _, _ in node['inputs']:
                leaf = id_of[source]
                if leaf not in born or born[leaf][1] == 0:
                    now = born[id_of[node['id']]][0], 0
                    born[leaf] = min(born.get(leaf, now), now)
    for nodes in groups:
        born.setdefault(nodes[0]['id'], (nodes[0]['id'], 0))
    return born


def _last(nodes):
    return next((node for node in reversed(nodes) if node['kind'] == 'function'), nodes[-1])


def _one(group, nodes, call_of, place, born):
    """The node that stands for these."""
    operations = {node['id'] for node in nodes if node['kind'] == 'function'}
    first, last, id = nodes[0], _last(nodes), nodes[0]['id']
    is_link = group[0] == 'link'
    inputs, loop = [], False
    for node in nodes:
        for source, index, need in node['inputs']:
            one, index = place(source, index)
            if born[one] < born[id]:
                inputs.append([one, index, need])
            elif one != id or not is_link or (
                    source in operations and call_of[source] is not call_of[node['id']]):
                loop = True
    if not is_link and len(nodes) == 1:
        return dict(first, inputs=inputs, count=1, members=[id], loop=loop)
    needs = {}
    for one, index, need in inputs:
        needs[one, index] = needs.get((one, index), False) or need
    merged = dict(last, id=id, scope=first['scope'],
                  inputs=[[*source, need] for source, need in needs.items()],
                  count=len(nodes), members=[node['id'] for node in nodes], loop=loop,
                  keeps=sorted({name for node in nodes for name in node['keeps']}),
                  stats=[None] * len(last['shapes']), values=None)
    for name in 'bytes_kept', 'macs', 'seconds':
        merged[name] = sum(node[name] for node in nodes)
    if is_link:
        call = call_of[last['id']]
        merged.update(kind='folded', label=group[1], symbol=call['link'], scope=call['parent'],
                      count=len({call_of[id]['id'] for id in operations}), where=None)
    return merged
